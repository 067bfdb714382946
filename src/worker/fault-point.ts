/** The moments between a delivery and the end of its execution at which a crash must lose nothing. */
type FaultPoint = 'delivered' | 'claimed' | 'acknowledged' | 'started' | 'ended' | 'settled';

/** Called at each of them. Does nothing, but in builds for tests. */
export type Reach = (point: FaultPoint) => void;
