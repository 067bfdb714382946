{{/*
Executions that wait for one of the runtimes of a worker, and those that its pods have. Literals only: names and runtimes
are checked by values.schema.json.
*/}}
{{- define "attune.queueLength" -}}
SELECT count(*) FROM attune.execution e LEFT JOIN attune.action a ON a.id = e.action LEFT JOIN attune.runtime r ON r.id = a.runtime LEFT JOIN attune.worker w ON w.id = e.worker
WHERE (e.status = 'requested'{{ with .worker.runtimes }} AND lower(r.name) IN ({{ range $i, $one := . }}{{ if $i }}, {{ end }}'{{ lower $one }}'{{ end }}){{ end }})
OR (e.status IN ('scheduled', 'running', 'canceling') AND w.name LIKE '{{ .prefix }}-%')
{{- end }}
