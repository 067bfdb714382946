/** The moments between a delivery and the end of its execution at which a crash must lose nothing. */
type FaultPoint = 'delivered' | 'claimed' | 'acknowledged' | 'started' | 'ended' | 'settled';

/** A function that is called at each fault point. It does nothing, except in builds for tests. */
export type Reach = (point: FaultPoint) => void;
