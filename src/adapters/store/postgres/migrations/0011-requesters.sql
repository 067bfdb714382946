-- Who requested an execution of the API: the id of a token, or 'execution N'. A token that may not read sees no others.
ALTER TABLE execution ADD COLUMN requested_by TEXT;
