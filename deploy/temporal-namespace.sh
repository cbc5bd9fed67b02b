#!/bin/sh
# Makes Switchboard's namespace and its search attributes where they are missing; safe to run at every start.
# TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE are the temporal program's own; RETENTION is how long ended ones are kept.
set -eu

if ! temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION"
fi
known=$(temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE")
while read -r name type; do
    if ! echo "$known" | grep -qw "$name"; then
        temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$name" --type "$type"
    fi
done </deploy/search-attributes.txt
