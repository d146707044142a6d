/** A webhook's delivery as a terminal sends it: signed as Standard Webhooks says, with what every system has. */
export function exampleOf(address: string, secret: string): string {
  return [
    `secret='${secret}'`,
    `id="msg_$(date +%s)"; at="$(date +%s)"; body='Somebody rang at the door.'`,
    `key="$(printf %s "\${secret#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')"`,
    `mac="$(printf '%s.%s.%s' "$id" "$at" "$body" | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A)"`,
    `curl -i '${address}' --data-binary "$body" \\`,
    `  -H "webhook-id: $id" -H "webhook-timestamp: $at" -H "webhook-signature: v1,$mac"`,
  ].join("\n");
}

/** Whether an address leads nowhere but to this machine. */
export const isLoopback = (hostname: string): boolean => hostname === "localhost" || hostname === "[::1]" || hostname.startsWith("127.");
