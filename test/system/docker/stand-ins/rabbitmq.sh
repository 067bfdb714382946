#!/bin/sh
# As the official image starts: configured by /etc/rabbitmq/conf.d, its data in /var/lib/rabbitmq.
set -eu
chown rabbitmq:rabbitmq /var/lib/rabbitmq /var/log/rabbitmq
exec setpriv --reuid=rabbitmq --regid=rabbitmq --init-groups /usr/lib/rabbitmq/bin/rabbitmq-server
