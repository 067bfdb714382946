/** The moments between a delivery and the end of its execution at which a crash must lose nothing. */
export const faultPoints = ['delivered', 'claimed', 'acknowledged', 'started', 'ended', 'settled'] as const;

export type FaultPoint = (typeof faultPoints)[number];

/** Called at each of them. Does nothing, but in builds for tests. */
export type Reach = (point: FaultPoint) => void;
