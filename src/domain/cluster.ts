/** A Secret as it was read. */
export interface KeptSecret {
  /** Its values, decoded. */
  readonly values: Readonly<Record<string, string>>;
  /** What says whether somebody has written since. */
  readonly version: string;
}

/** The port to the API of Kubernetes, as far as a webhook needs it. Every method throws an error that says what was not answered or refused. */
export interface Cluster {
  /** Undefined: there is no such Secret. */
  readSecret(name: string): Promise<KeptSecret | undefined>;
  /** Adds to the values of a Secret that is still of that version. False: somebody was faster, and nothing was written. */
  writeSecret(name: string, values: KeptSecret['values'], version: string): Promise<boolean>;
  /** Makes the API server trust the authorities (PEM) for all webhooks of a MutatingWebhookConfiguration, if it does not yet. True: it did not. */
  trust(configuration: string, authorities: string): Promise<boolean>;
}
