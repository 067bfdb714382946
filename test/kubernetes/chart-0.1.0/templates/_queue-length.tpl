{{/*
The number of executions that wait for a runtime of a worker, or that its pods have. The names and runtimes in it are literals,
which values.schema.json has checked.
*/}}
{{- define "attune.queueLength" -}}
SELECT count(*) FROM attune.execution e LEFT JOIN attune.action a ON a.id = e.action LEFT JOIN attune.runtime r ON r.id = a.runtime LEFT JOIN attune.worker w ON w.id = e.worker
WHERE (e.status = 'requested'{{ with .worker.runtimes }} AND lower(r.name) IN ({{ range $i, $one := . }}{{ if $i }}, {{ end }}'{{ lower $one }}'{{ end }}){{ end }})
OR (e.status IN ('scheduled', 'running', 'canceling') AND w.name LIKE '{{ .prefix }}-%')
{{- end }}
