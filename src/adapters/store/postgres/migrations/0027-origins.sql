-- What led to an execution: the id of the request to the API, and its span as W3C Trace Context writes it.
ALTER TABLE execution ADD COLUMN request_id TEXT;
ALTER TABLE execution ADD COLUMN traceparent TEXT;
