/** Encrypts what a database keeps. */
export interface Cipher {
  /** Tells which secret a value was encrypted with, without telling the secret: hex digits. */
  readonly keyHash: string;
  /** The hash in the form of Attune's Rust control plane. It is the key itself, so only that system's tables get it. */
  readonly joinedKeyHash: string;
  /** Base64(nonce12‖ciphertext‖tag). */
  encrypt(text: string): string;
  /** Throws when the value was encrypted with another secret, or altered. */
  decrypt(value: string): string;
}
