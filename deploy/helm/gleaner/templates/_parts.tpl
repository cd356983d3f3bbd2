{{- define "gleaner.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- /* The release's name, with the chart's where it doesn't say it already. */ -}}
{{- define "gleaner.fullname" -}}
{{- $name := include "gleaner.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 50 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "gleaner.selector" -}}
app.kubernetes.io/name: {{ include "gleaner.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "gleaner.labels" -}}
{{ include "gleaner.selector" . }}
app.kubernetes.io/part-of: gleaner
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end -}}

{{- define "gleaner.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- define "gleaner.policiesConfigMap" -}}
{{- default (printf "%s-policies" (include "gleaner.fullname" .)) .Values.policiesConfigMap -}}
{{- end -}}

{{- /* What the daemon's pod and the report's have in common. */ -}}
{{- define "gleaner.podSettings" -}}
serviceAccountName: {{ include "gleaner.fullname" . }}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  # The state volume and the token become this group's.
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "gleaner.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}

{{- define "gleaner.env" -}}
- name: GITLAB_URL
  value: {{ .Values.gitlab.url | quote }}
- name: GITLAB_TOKEN_FILE
  value: /etc/gleaner/token/token
{{- end -}}

{{- define "gleaner.mounts" -}}
# Whole folders, because a file that is mounted by subPath is never updated.
- { name: policies, mountPath: /etc/gleaner/policies, readOnly: true }
- { name: token, mountPath: /etc/gleaner/token, readOnly: true }
{{- if .Values.gitlab.caConfigMap.name }}
- { name: ca, mountPath: /etc/gleaner/ca, readOnly: true }
{{- end }}
{{- end -}}

{{- /* Takes a list: the root, and which Secret holds the token. */ -}}
{{- define "gleaner.volumes" -}}
{{- $root := index . 0 -}}
{{- $secret := index . 1 -}}
- name: policies
  configMap:
    name: {{ include "gleaner.policiesConfigMap" $root }}
- name: token
  secret:
    secretName: {{ $secret.name }}
    defaultMode: 0440
    items:
      - { key: {{ $secret.key | quote }}, path: token }
{{- with $root.Values.gitlab.caConfigMap }}
{{- if .name }}
- name: ca
  configMap:
    name: {{ .name }}
    items:
      - { key: {{ .key | quote }}, path: ca.crt }
{{- end }}
{{- end }}
{{- end -}}
