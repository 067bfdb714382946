{{- define "attune.fullname" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "attune.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "attune.secret" -}}
{{- required "existingSecret: name a Secret with the keys database-url and message-queue-url (kubectl create secret generic attune --from-literal=database-url=postgres://… --from-literal=message-queue-url=amqp://…)" .Values.existingSecret }}
{{- end }}

{{- define "attune.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "attune.fullname" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{/* The variables that server and workers take from the Secret, so that no secret is in a manifest. */}}
{{- define "attune.secretEnv" -}}
{{- $secret := include "attune.secret" . }}
- name: ATTUNE__DATABASE__URL
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: database-url } }
- name: ATTUNE__MESSAGE_QUEUE__URL
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: message-queue-url } }
- name: ATTUNE__SECURITY__ENCRYPTION_KEY
  valueFrom: { secretKeyRef: { name: {{ $secret }}, key: encryption-key, optional: true } }
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
{{- if .Values.apiUrl }}{{ .Values.apiUrl }}{{ else if .Values.server.enabled }}http://{{ include "attune.fullname" . }}-server:{{ .Values.server.service.port }}{{ end }}
{{- end }}
