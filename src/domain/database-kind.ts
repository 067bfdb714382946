/**
 * Whose database it is: `own` was made by attune-agent, whose server is the control plane; `joined` belongs to Attune's
 * Rust control plane, for which the agent is a worker and nothing else.
 */
export type DatabaseKind = 'own' | 'joined';
