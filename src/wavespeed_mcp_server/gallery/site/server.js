// Talking to this page's own server. The secret goes with every request; see access.py for why a cookie is not enough.

const SECRET = localStorage.getItem("gallery-secret") ?? "";
const HEADERS = { "X-Gallery-Secret": SECRET };

export class Refusal extends Error {}

async function answer(response) {
  if (response.ok) return response;
  const text = await response.text();
  let told;
  try {
    told = JSON.parse(text).error;
  } catch {
    // Who may not ask is told so in plain text.
    told = text;
  }
  throw new Refusal(told || `The server answered ${response.status}.`);
}

export const get = async (path, options = {}) =>
  (await answer(await fetch(path, { headers: HEADERS, cache: "no-store", ...options }))).json();

export const fetchBlob = async (path, options = {}) =>
  (await answer(await fetch(path, { headers: HEADERS, ...options }))).blob();

export const change = async (what, asked) =>
  (
    await answer(
      await fetch(`/do/${what}`, {
        method: "POST",
        headers: { ...HEADERS, "Content-Type": "application/json" },
        body: JSON.stringify(asked),
      }),
    )
  ).json();

let signing;
// The browser's player cannot send a header, so the address it asks for is signed with the secret.
export async function playable(key, index) {
  const path = `/media/${key}/${index}`;
  const bytes = (text) => new TextEncoder().encode(text);
  signing ??= crypto.subtle.importKey("raw", bytes(SECRET), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", await signing, bytes(path)));
  return `${path}?signature=${Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
