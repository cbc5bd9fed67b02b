#!/bin/sh
# Brings Temporal's two databases on PostgreSQL to the version of this image; safe to run at every start.
set -eu

tool() {
    database=$1
    shift
    SQL_PASSWORD=$POSTGRES_PWD temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" --port 5432 \
        --user "$POSTGRES_USER" --db "$database" "$@"
}

bring() {
    versions=/etc/temporal/schema/postgresql/v12/$2/versioned
    # An update comes first: `setup-schema` on a database that is in use would set its version back.
    if tool "$1" update-schema --schema-dir "$versions"; then
        return
    fi
    echo "$1 has no schema yet; making it."
    tool "$1" create
    tool "$1" setup-schema --version 0.0
    tool "$1" update-schema --schema-dir "$versions"
}

bring temporal temporal
bring temporal_visibility visibility
