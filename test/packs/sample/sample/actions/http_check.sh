# With curl, wget or bash's own /dev/tcp: whatever this image has.
. "$ATTUNE_PARAMETER_FILE"

if command -v curl >/dev/null; then
  status=$(curl -s -o /dev/null -m 10 -w '%{http_code}' "$url")
elif command -v wget >/dev/null; then
  status=$(wget -S -T 10 -O /dev/null "$url" 2>&1 | sed -n 's|^ *HTTP/[0-9.]* \([0-9]*\).*|\1|p' | tail -n 1)
else
  rest=${url#http://}
  address=${rest%%/*}
  port=${address##*:}
  [ "$port" = "$address" ] && port=80
  exec 3<>"/dev/tcp/${address%%:*}/$port" || exit 1
  printf 'GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n' "${rest#*/}" "$address" >&3
  read -r _ status _ <&3
fi

echo "{\"url\": \"$url\", \"status\": ${status:-0}, \"expected\": $expect}"
[ "${status:-0}" = "$expect" ]
