{{- define "bundler.trial.name" -}}
{{ include "bundler.name" .root }}-trial-{{ .part }}
{{- end -}}

{{/* The head of the pod of a trial service: {root}. */}}
{{- define "bundler.trial.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  {{- include "bundler.podSecurity" . | nindent 2 }}
{{- with .root.Values.trial.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.trial.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.trial.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* The volume that keeps a trial service's data: {claim}. */}}
{{- define "bundler.trial.data" -}}
name: data
{{- if .claim }}
persistentVolumeClaim: { claimName: {{ .claim }} }
{{- else }}
emptyDir: {}
{{- end }}
{{- end -}}

{{/* A Service in front of a trial service: {root, part, port}. */}}
{{- define "bundler.trial.service" -}}
{{- $name := include "bundler.trial.name" . -}}
apiVersion: v1
kind: Service
metadata:
  {{- include "bundler.metadata" (dict "root" .root "component" (printf "trial-%s" .part) "name" $name) | nindent 2 }}
spec:
  selector:
    {{- include "bundler.selector" (dict "root" .root "component" (printf "trial-%s" .part)) | nindent 4 }}
  ports:
    - { name: {{ .part | trunc 15 }}, port: {{ .port }}, targetPort: {{ .port }} }
{{- end -}}

{{/* A password that stays the same over upgrades: {root, secret, key}. */}}
{{- define "bundler.trial.password" -}}
{{- $secret := lookup "v1" "Secret" .root.Release.Namespace .secret | default dict -}}
{{- $old := dig "data" .key "" $secret -}}
{{- if $old }}{{ $old | b64dec }}{{ else }}{{ randAlphaNum 32 }}{{ end -}}
{{- end -}}

{{/* What the trial services add to the spec. */}}
{{- define "bundler.trial.spec" -}}
{{- $trial := .Values.trial -}}
{{- $spec := deepCopy $trial.spec -}}
{{- if $trial.postgres.enabled -}}
{{- $name := include "bundler.trial.name" (dict "root" . "part" "postgres") -}}
{{- $spec = mustMergeOverwrite $spec (dict "database" (dict "secretRef" (dict "name" $name))) -}}
{{- $payment := include "bundler.trial.name" (dict "root" . "part" "payment") -}}
{{- $spec = mustMergeOverwrite $spec (dict "payment" (dict "secretRef" (dict "name" $payment))) -}}
{{- /* What the server keeps for the payment database, beside database.maxConnections: three pods and one in a rollout. */ -}}
{{- $spec = mustMerge $spec (dict "payment" (dict "database" (dict "maxConnections" 100))) -}}
{{- end -}}
{{- if $trial.redis.enabled -}}
{{- $queue := include "bundler.trial.name" (dict "root" . "part" "redis-queue") -}}
{{- $cache := include "bundler.trial.name" (dict "root" . "part" "redis-cache") -}}
{{- $secret := include "bundler.trial.name" (dict "root" . "part" "redis") -}}
{{- $spec = mustMergeOverwrite $spec (dict "redis" (dict "queue" (dict "host" $queue) "cache" (dict "host" $cache) "secretRef" (dict "name" $secret))) -}}
{{- end -}}
{{- if $trial.s3.enabled -}}
{{- $name := include "bundler.trial.name" (dict "root" . "part" "s3") -}}
{{- $s3 := dict "endpoint" (printf "http://%s:7070" $name) "bucket" $trial.s3.bucket "forcePathStyle" true -}}
{{- $spec = mustMergeOverwrite $spec (dict "objectStore" (dict "driver" "s3" "s3" $s3 "secretRef" (dict "name" $name))) -}}
{{- end -}}
{{- if $trial.gateway.enabled -}}
{{- $name := include "bundler.trial.name" (dict "root" . "part" "gateway") -}}
{{- $spec = mustMergeOverwrite $spec (dict "arweave" (dict "gateway" (printf "http://%s:1984" $name))) -}}
{{- end -}}
{{- if $trial.wallet.enabled -}}
{{- $name := include "bundler.trial.name" (dict "root" . "part" "wallet") -}}
{{- $spec = mustMergeOverwrite $spec (dict "arweave" (dict "walletSecretRef" (dict "name" $name))) -}}
{{- end -}}
{{- toYaml $spec -}}
{{- end -}}

{{/* The pod that makes the wallet's key. */}}
{{- define "bundler.trial.walletPod" -}}
{{- $values := .Values.trial.wallet }}
{{- $name := include "bundler.trial.name" (dict "root" . "part" "wallet") -}}
metadata:
  labels:
    {{- include "bundler.podLabels" (dict "root" . "component" "trial-wallet") | nindent 4 }}
spec:
  {{- include "bundler.trial.pod" (dict "root" .) | replace "automountServiceAccountToken: false" "automountServiceAccountToken: true" | nindent 2 }}
  serviceAccountName: {{ $name }}
  restartPolicy: OnFailure
  containers:
    - name: wallet
      image: {{ include "bundler.image" (dict "root" . "image" .Values.image) }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      command: [node, /script/make-wallet.mjs]
      env:
        - { name: NODE_EXTRA_CA_CERTS, value: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt }
        - { name: SECRET, value: {{ $name }} }
        - { name: WINSTON, value: {{ $values.winston | quote }} }
      securityContext:
        {{- include "bundler.containerSecurity" . | nindent 8 }}
      resources:
        {{- toYaml $values.resources | nindent 8 }}
      volumeMounts:
        - { name: script, mountPath: /script, readOnly: true }
  volumes:
    - { name: script, configMap: { name: {{ $name }} } }
{{- end -}}
