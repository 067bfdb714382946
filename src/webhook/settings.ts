/** How the agent gets into a Pod: an init container copies it into a volume, or its image is mounted. */
export const WAYS = ['init', 'image'] as const;
export type Way = (typeof WAYS)[number];

/** What holds for all Pods that do not say otherwise. */
export interface InjectionSettings {
  /** The image that holds the agent as /attune-agent. */
  readonly image: string;
  readonly pullPolicy: string;
  /** Names of Secrets, in the namespaces of the Pods, by which that image may be pulled. */
  readonly pullSecrets: readonly string[];
  readonly way: Way;
  /** The directory of the agent in the containers of workers. */
  readonly path: string;
  /** The address of the server; undefined: each Pod names its own. */
  readonly apiUrl: string | undefined;
  /** The Secret with the key api-token in the namespaces of the Pods; undefined: each Pod names its own. */
  readonly secret: string | undefined;
  /** The uid of the init container where the Pod names none; undefined: whoever admits the Pod chooses it. */
  readonly user: number | undefined;
  /** The namespace of the webhook, in which nothing is changed. */
  readonly namespace: string | undefined;
  /** The version of Kubernetes, such as v1.33.1; undefined: what is asked for is taken to be there. */
  readonly kubernetes: string | undefined;
}
