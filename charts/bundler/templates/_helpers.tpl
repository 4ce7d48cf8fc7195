{{/* Name of the BundlerConfig. Kubernetes allows 63 characters to a label, and names of queues are put behind it. */}}
{{- define "bundler.name" -}}
{{- $name := default .Release.Name .Values.nameOverride -}}
{{- if gt (len $name) 30 -}}
{{- fail (printf "the name %q has %d characters and may have 30: set nameOverride" $name (len $name)) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "bundler.selector" -}}
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "bundler.labels" -}}
app.kubernetes.io/name: bundler
{{ include "bundler.selector" . }}
app.kubernetes.io/part-of: bundler
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- with .root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Labels of a pod: none of those that change with a version, or an upgrade of the chart would replace the pod. */}}
{{- define "bundler.podLabels" -}}
app.kubernetes.io/name: bundler
{{ include "bundler.selector" . }}
app.kubernetes.io/part-of: bundler
{{- with .root.Values.extraLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Metadata of an object: {root, component, name}. */}}
{{- define "bundler.metadata" -}}
name: {{ .name }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "bundler.labels" . | nindent 2 }}
{{- with .root.Values.extraAnnotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Reference of an image: {image: {repository, tag, digest}, root}. */}}
{{- define "bundler.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* What the `restricted` Pod Security Standard asks of a pod, and of a container. */}}
{{- define "bundler.podSecurity" -}}
runAsNonRoot: true
runAsUser: 1000
runAsGroup: 1000
fsGroup: 1000
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{- define "bundler.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end -}}
