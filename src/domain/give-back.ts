/**
 * Gives the memory of bytes that nobody reads again back at once. The collector would come too late for those who hand
 * bytes on faster than it looks.
 */
export function giveBack({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
