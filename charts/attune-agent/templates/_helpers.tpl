{{- define "attune.fullname" -}}
{{- if .Values.fullnameOverride }}{{ .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "attune.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* The image of the agent; agent.image is how 0.1.0 named it. A digest says which one it is, whatever becomes of the tag. */}}
{{- define "attune.image" -}}
{{- $image := .Values.image }}
{{- .Values.agent.image | default (printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion)) }}{{ with .Values.agent.digest | default $image.digest }}@{{ . }}{{ end }}
{{- end }}

{{- define "attune.pullPolicy" -}}
{{ .Values.agent.pullPolicy | default .Values.image.pullPolicy }}
{{- end }}

{{/* "true" where the control plane is a part of the release: as asked for, else when nobody says where another one is. */}}
{{- define "attune.hasServer" -}}
{{- $asked := .Values.server.enabled }}
{{- if kindIs "bool" $asked }}{{ if $asked }}true{{ end }}{{ else if not (or .Values.existingSecret .Values.secrets.worker .Values.apiUrl) }}true{{ end }}
{{- end }}

{{/* "true" where the release brings its own database and broker: when the server is its own and no Secret names others. */}}
{{- define "attune.isBundled" -}}
{{- if and (include "attune.hasServer" .) (not (or .Values.existingSecret .Values.secrets.server)) }}true{{ end }}
{{- end }}

{{/* How workers reach the rest of Attune: by the API, or directly by database and broker as in 0.1.0 without a server. */}}
{{- define "attune.connection" -}}
{{- if .Values.workerConnection }}{{ .Values.workerConnection }}
{{- else if or (include "attune.hasServer" .) .Values.secrets.worker (not .Values.existingSecret) }}api{{ else }}direct{{ end }}
{{- end }}

{{- define "attune.migrateSecret" -}}
{{- if include "attune.isBundled" . }}{{ include "attune.fullname" . }}-database{{ else }}{{ .Values.secrets.migrate | default .Values.existingSecret | default .Values.secrets.server }}{{ end }}
{{- end }}

{{- define "attune.serverSecret" -}}
{{- if include "attune.isBundled" . }}{{ include "attune.fullname" . }}-server{{ else }}{{ .Values.secrets.server | default .Values.existingSecret }}{{ end }}
{{- end }}

{{- define "attune.ownSecret" -}}
secrets.worker: with workerConnection=direct beside a server, workers would get the login of the server: name a Secret of their own with the keys database-url, of a login of attune_worker, and message-queue-url; or let workers use the API
{{- end }}

{{- define "attune.workerSecret" -}}
{{- if .Values.secrets.worker }}{{ .Values.secrets.worker }}
{{- else if and (eq (include "attune.connection" .) "api") (include "attune.hasServer" .) }}{{ include "attune.fullname" . }}-worker
{{- else if include "attune.hasServer" . }}{{ fail (include "attune.ownSecret" .) }}
{{- else }}{{ required "secrets.worker: name a Secret with the key api-token, a token of the server at apiUrl (attune-agent token create --name workers --scope worker,agent-download); or existingSecret with the keys database-url and message-queue-url" .Values.existingSecret }}{{ end }}
{{- end }}

{{/* Complains about values that do not go together. */}}
{{- define "attune.check" -}}
{{- if and (eq (include "attune.connection" .) "api") (not (include "attune.apiUrl" .)) }}
{{- fail "apiUrl: workers need the address of a server: set apiUrl, or server.enabled=true" }}
{{- end }}
{{- if and (include "attune.hasServer" .) (not (include "attune.isBundled" .)) (not (include "attune.serverSecret" .)) }}
{{- fail "secrets.server: name a Secret with the keys database-url and message-queue-url, or leave all secrets out for a bundled database and broker" }}
{{- end }}
{{- $others := list "" (include "attune.serverSecret" .) (include "attune.migrateSecret" .) }}
{{- if and (eq (include "attune.connection" .) "direct") (include "attune.hasServer" .) (has .Values.secrets.worker $others) }}
{{- fail (include "attune.ownSecret" .) }}
{{- end }}
{{- if and (include "attune.isBundled" .) .Values.secrets.migrate }}
{{- fail "secrets.server: secrets.migrate alone would be ignored: name a Secret with the keys database-url and message-queue-url, too, or leave all secrets out for a bundled database and broker" }}
{{- end }}
{{- $persistence := .Values.server.persistence }}
{{- if and (include "attune.isPersistent" .) (or (gt (int .Values.server.replicas) 1) .Values.server.autoscaling.enabled) (not (has "ReadWriteMany" $persistence.accessModes)) (not $persistence.existingClaim) }}
{{- fail "server.persistence.accessModes: several servers share one volume: set [ReadWriteMany], or persistence.enabled=false and artifacts in a bucket" }}
{{- end }}
{{- if and .Values.server.ingress.enabled (not .Values.server.ingress.hosts) }}
{{- fail "server.ingress.hosts: name a host, such as [{ host: attune.example.org }]" }}
{{- end }}
{{- $names := dict }}
{{- range .Values.workers }}
{{- if and (hasKey . "replicas") (hasKey . "autoscaling") }}
{{- fail (printf "workers: %s has both replicas and autoscaling: keep one" .name) }}
{{- end }}
{{- if hasKey $names .name }}{{ fail (printf "workers: the name %s is there twice" .name) }}{{ end }}
{{- $_ := set $names .name true }}
{{- end }}
{{- end }}

{{- define "attune.isPersistent" -}}
{{- $asked := .Values.server.persistence.enabled }}
{{- if kindIs "bool" $asked }}{{ if $asked }}true{{ end }}{{ else if include "attune.isBundled" . }}true{{ end }}
{{- end }}

{{- define "attune.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "attune.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "attune.podSettings" -}}
serviceAccountName: {{ include "attune.serviceAccount" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets: {{ toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* The address of the API; empty when workers have no server. */}}
{{- define "attune.apiUrl" -}}
{{- if .Values.apiUrl }}{{ .Values.apiUrl }}{{ else if include "attune.hasServer" . }}http://{{ include "attune.fullname" . }}-server:{{ .Values.server.service.port }}{{ end }}
{{- end }}

{{/* A value of a Secret that is there already, else a random one: list ROOT, NAME, KEY, LENGTH. */}}
{{- define "attune.kept" -}}
{{- $found := (lookup "v1" "Secret" (index . 0).Release.Namespace (index . 1)).data | default dict }}
{{- if hasKey $found (index . 2) }}{{ index $found (index . 2) | b64dec }}{{ else }}{{ randAlphaNum (index . 3 | int) }}{{ end }}
{{- end }}

{{/* The address of the API for Pods of other namespaces. */}}
{{- define "attune.webhookApiUrl" -}}
{{- if .Values.webhook.apiUrl }}{{ .Values.webhook.apiUrl }}
{{- else if .Values.apiUrl }}{{ .Values.apiUrl }}
{{- else if include "attune.hasServer" . }}http://{{ include "attune.fullname" . }}-server.{{ .Release.Namespace }}.svc:{{ .Values.server.service.port }}{{ end }}
{{- end }}

{{/* Leads to the port of a URL, wherever it is, but not to the addresses by which clouds tell machines who they are. */}}
{{- define "attune.egressTo" -}}
{{- $url := urlParse . -}}
{{- $given := regexFind ":[0-9]+$" $url.host | trimPrefix ":" -}}
- ports: [{ port: {{ $given | default (eq $url.scheme "https" | ternary "443" "80") }}, protocol: TCP }]
  to:
    - ipBlock: { cidr: 0.0.0.0/0, except: [169.254.0.0/16] }
    - ipBlock: { cidr: "::/0", except: ["fe80::/10", "fd00:ec2::/64", "fd20:ce::/64"] }
    - namespaceSelector: {}
{{- end }}

{{/* Where servers and workers send traces. */}}
{{- define "attune.tracing" -}}
{{- with .Values.tracing.url -}}
- { name: ATTUNE__TRACING__URL, value: {{ . | quote }} }
- { name: ATTUNE__TRACING__SAMPLE_RATIO, value: {{ $.Values.tracing.sampleRatio | quote }} }
{{- end }}
{{- end }}

{{/* Where Pods run. A spread that says nothing of Pods is about these, by `labels`: without a selector Kubernetes counts none. */}}
{{- define "attune.placement" -}}
{{- range $key := list "nodeSelector" "tolerations" "affinity" }}
{{- with index $.settings $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- with $.settings.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{- toYaml (hasKey . "labelSelector" | ternary . (merge (dict "labelSelector" (dict "matchLabels" $.labels)) .)) | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}
