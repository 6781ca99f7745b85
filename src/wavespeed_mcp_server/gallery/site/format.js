// How amounts, times and names are written.

export const DAY = 86400;

export function dollars(amount) {
  if (amount === undefined || amount === null) return "";
  if (amount !== 0 && Math.abs(amount) < 0.1) return `$${trimmed(amount.toFixed(4))}`;
  return `$${amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

// At least two digits behind the point.
const trimmed = (text) => text.replace(/(\.\d\d\d*?)0+$/, "$1");

export function dayOf(seconds) {
  const when = new Date(seconds * 1000);
  const two = (number) => String(number).padStart(2, "0");
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
}

// Bills are by the days of UTC, wherever one is.
export function billDay(seconds) {
  const when = new Date(seconds * 1000);
  return Number.isNaN(when.getTime()) ? "" : when.toISOString().slice(0, 10);
}

export function dayName(day) {
  const now = Date.now() / 1000;
  if (day === dayOf(now)) return "Today";
  if (day === dayOf(now - DAY)) return "Yesterday";
  const when = new Date(`${day}T12:00:00`);
  const year = when.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return when.toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long", year });
}

export const shortDay = (day) =>
  new Date(`${day}T12:00:00`).toLocaleDateString("en-GB", { day: "numeric", month: "short" });

export const moment = (seconds) =>
  new Date(seconds * 1000).toLocaleString("en-GB", { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });

export function span(seconds) {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 2 * DAY) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / DAY)} days`;
}

export function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export const count = (number, one, many = `${one}s`) => `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;

export const shortModel = (model) => model.slice(model.indexOf("/") + 1);

export const title = (run) => run.prompt || shortModel(run.model || "") || run.key;

// What is still to be paid or was paid, whichever is known better.
export const cost = (run) => run.charged ?? (FAILED.has(run.status) ? 0 : run.quote);

export const FAILED = new Set(["failed", "cancelled", "timeout", "deleted"]);
export const STATUS_NAMES = { processing: "running", unknown: "unknown", completed: "completed" };
export const statusName = (status) => STATUS_NAMES[status] ?? status;
export const KIND_NAMES = { image: "Image", video: "Video", audio: "Sound", "3d": "3D", text: "Text", file: "Other file" };
