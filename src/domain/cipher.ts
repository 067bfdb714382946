/** Encrypts what a database keeps. */
export interface Cipher {
  /** Tells which secret a value was encrypted with, without telling the secret: hex digits. */
  readonly keyHash: string;
  /** Tells whether a stored hash is that of this secret, also as earlier versions and others write it. */
  isKeyOf(hash: string): boolean;
  /** Encrypts a text for the place where it will lie. */
  encrypt(text: string, place: Place): string;
  /** Throws when the value was encrypted with another secret or for another place, or was altered. */
  decrypt(value: string, place: Place): string;
}

/** Where a value lies, from its table and column to its row and the owner of that; null: nobody owns it. */
export type Place = readonly [table: string, column: string, ...row: (string | null)[]];

/** The ciphers of one secret. */
export interface Ciphers {
  /** In the format of Attune's Rust control plane, which binds a value to no place. */
  readonly joined: Cipher;
  /** For a database of our own. `salt` reads its salt, in hex digits; it is asked for once, and not for every secret. */
  own(salt: () => Promise<string>): Promise<Cipher>;
}
