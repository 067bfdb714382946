-- Who is alive is found without reading what the others say about themselves.
CREATE INDEX worker_by_heartbeat ON worker (last_heartbeat);
