/** Where the API is, below the address of a server. */
export const API_PATH = '/api/v1';
