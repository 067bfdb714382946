/** The path of the API below the address of a server. */
export const API_PATH = '/api/v1';
