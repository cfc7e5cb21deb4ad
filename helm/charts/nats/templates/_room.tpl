{{/* Bytes that the server may fill: three quarters of what it claims, so that its disk is never full. */}}
{{- define "nats.bytesMax" -}}
{{ mul (trimSuffix "Gi" .storage | int64) 805306368 }}
{{- end -}}

{{/* Bytes that the stream may: half of the claim. */}}
{{- define "nats.eventsBytesMax" -}}
{{ mul (trimSuffix "Gi" .storage | int64) 536870912 }}
{{- end -}}
