/** Passkeys: what the browser makes and signs. They belong to a host name and need a secure page. */
import { door } from "$lib/api/server";
import type { Passkey, Session } from "$lib/api/types";

/** Whether this browser can, here. */
export function canUsePasskeys(): boolean {
  return isSecureContext && "PublicKeyCredential" in window && "parseCreationOptionsFromJSON" in PublicKeyCredential;
}

/** Makes a passkey on this device and has the server keep it. Throws when the person or the browser declines. */
export async function makePasskey(name: string): Promise<Passkey> {
  const options = await door.passkeyOptions();
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return door.addPasskey(jsonOf(await navigator.credentials.create({ publicKey })), name);
}

/** Signs in with a passkey. Throws when the person or the browser declines. */
export async function signInByPasskey(): Promise<Session> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(await door.passkeyLoginOptions());
  return door.passkeyLogin(jsonOf(await navigator.credentials.get({ publicKey })));
}

function jsonOf(credential: Credential | null): unknown {
  if (!(credential instanceof PublicKeyCredential)) throw new Error("The browser gave no passkey.");
  return credential.toJSON();
}

/** "Chrome on Linux": a name by which the person knows this device again. */
export function nameOfDevice(agent = navigator.userAgent): string {
  const browser = [/Edg\//, /Firefox\//, /Chrome\//, /Safari\//].findIndex((sign) => sign.test(agent));
  const system = [/Android/, /iPhone|iPad/, /Windows/, /Mac OS X/, /Linux/].findIndex((sign) => sign.test(agent));
  const browserName = ["Edge", "Firefox", "Chrome", "Safari"][browser] ?? "A browser";
  const systemName = ["Android", "iOS", "Windows", "macOS", "Linux"][system];
  return systemName ? `${browserName} on ${systemName}` : browserName;
}
