// The door of one evening. Every scan is written down on this device first, and told when there is a network;
// so there is one way to let somebody in, with a network and without.

const token = document.body.dataset.token;
const base = `/door/${token}`;
const by = (id) => document.getElementById(id);
const REFRESH = 15_000;

// --- what this device remembers -----------------------------------------------------------------------------------

const drawer = `door:${token}:`;
const kept = {
  read(name, otherwise) {
    const text = localStorage.getItem(drawer + name);
    return text === null ? otherwise : JSON.parse(text);
  },
  write(name, value) {
    localStorage.setItem(drawer + name, JSON.stringify(value));
  },
  clear() {
    for (const name of Object.keys(localStorage)) if (name.startsWith(drawer)) localStorage.removeItem(name);
  },
};

let list = kept.read("list", null);
let scans = kept.read("scans", []); // {id, at, token | code | rsvpId, guests, for}: not told yet
let online = navigator.onLine;

// A telephone's own clock may be hours off: what was scanned when is told by the clock of whoever made the list.
let ahead = kept.read("ahead", 0); // milliseconds by which that clock is before this one
const now = () => Date.now() + ahead;

const device = () => by("device").value.trim() || "telephone at the door";

// --- tickets ------------------------------------------------------------------------------------------------------

const plainToken = (text) => text.toUpperCase().replace(/[\s-]/g, "");
const plainCode = (text) => plainToken(text).replace(/O/g, "0").replace(/[IL]/g, "1");

async function sha256(text) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A party with what the server will need to know it by; or several, where a name was typed.
async function find(text) {
  const asToken = plainToken(text);
  const asCode = plainCode(text);
  if (asToken.length >= 40) {
    const hash = await sha256(asToken);
    const party = list.parties.find((each) => each.ticketHashes.includes(hash));
    return { ticket: true, parties: party ? [party] : [], shown: { token: asToken } };
  }
  if (asCode.length === 8) {
    const hash = await sha256(asCode);
    const party = list.parties.find((each) => each.codeHashes.includes(hash));
    if (party) return { ticket: true, parties: [party], shown: { code: asCode } };
  }
  return { ticket: false, parties: list.parties.filter((each) => named(each, text)) };
}

const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const named = (party, text) =>
  [party.name, ...party.companions].some((name) => folded(name).includes(folded(text.trim())));

// --- who is in ----------------------------------------------------------------------------------------------------

const waiting = (party) => scans.filter((scan) => scan.for === party.rsvpId);

function arrived(party) {
  const here = waiting(party).reduce((sum, scan) => sum + scan.guests, 0);
  return Math.min(party.guestsCount, party.arrivedCount + here);
}

const missing = (party) => party.guestsCount - arrived(party);

function letIn(party, guests, shown) {
  const scan = { id: crypto.randomUUID(), at: new Date(now()).toISOString(), guests, for: party.rsvpId, ...shown };
  scans.push(scan);
  kept.write("scans", scans);
  draw();
  sync();
}

// --- talking to the server ----------------------------------------------------------------------------------------

async function ask(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(base + path, { cache: "no-store", ...options });
  const said = await answer.json();
  if (answer.ok) return said;
  const refusal = new Error(said.title || "That did not work.");
  refusal.code = said.code;
  throw refusal;
}

let busy = null;
const sync = () => (busy ??= syncOnce().finally(() => (busy = null)));

async function syncOnce() {
  try {
    while (list && scans.length) {
      const telling = scans.slice(0, 100);
      const body = telling.map(({ for: _, ...scan }) => scan);
      const { scans: told } = await ask("/sync", { listToken: list.listToken, device: device(), scans: body });
      const done = new Set(told.map((each) => each.id));
      // The list first: between the two a party would look as if it were not in.
      await fetchList();
      scans = scans.filter((scan) => !done.has(scan.id));
      kept.write("scans", scans);
    }
    await fetchList();
    online = true;
    askAgain();
  } catch (problem) {
    if (problem.code === "bad_door_link") return close();
    online = false;
  }
  draw();
}

async function fetchList() {
  list = await ask("/list");
  kept.write("list", list);
  ahead = Date.parse(list.madeAt) - Date.now();
  kept.write("ahead", ahead);
}

// The link was replaced, or the evening is long over: nobody's name stays here.
function close() {
  kept.clear();
  window.caches?.keys().then((names) => names.forEach((name) => caches.delete(name)));
  list = null;
  scans = [];
  document.querySelector("main").hidden = true;
  by("title").textContent = "This door is closed";
  by("when").textContent = "The link was replaced, or the show is over. Ask the host for a new one.";
  by("network").hidden = true;
}

// --- what is seen -------------------------------------------------------------------------------------------------

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

const clock = (at) =>
  new Intl.DateTimeFormat("en-US", { timeZone: list.timeZone, hour: "numeric", minute: "2-digit" }).format(new Date(at));
const day = (at) =>
  new Intl.DateTimeFormat("en-US", { timeZone: list.timeZone, weekday: "short", month: "short", day: "numeric" }).format(new Date(at));
const money = (cents) =>
  new Intl.NumberFormat("en-US", { style: "currency", currency: list.currency }).format(cents / 100);
const people = (count) => `${count} guest${count === 1 ? "" : "s"}`;
const WHY = {
  bad_ticket: "no ticket of ours",
  not_paid: "not paid",
  cancelled: "cancelled",
  refunded: "was paid back",
  ticket_replaced: "an older ticket of theirs",
  wrong_concert: "a ticket for another show",
  door_closed: "before the doors opened, or after",
};

function draw() {
  const state = by("network");
  state.className = online ? "on" : "off";
  const untold = scans.length ? `, ${scans.length} to tell` : "";
  state.textContent = online ? `up to date${untold}` : `no network${untold}`;
  if (!list) return;
  by("title").textContent = list.title;
  by("when").textContent = `${day(list.startsAt)}, ${clock(list.startsAt)} · list of ${clock(list.madeAt)}`;
  const expected = list.parties.reduce((sum, each) => sum + each.guestsCount, 0);
  const here = list.parties.reduce((sum, each) => sum + arrived(each), 0);
  by("arrived").textContent = here;
  by("expected").textContent = expected;
  by("free").textContent = list.seatsLeft ? `, ${list.seatsLeft} seats free` : ", full";
  by("bar").max = expected || 1;
  by("bar").value = here;
  const typed = by("shown").value;
  const shown = typed.trim() && plainToken(typed).length < 40 ? list.parties.filter((each) => named(each, typed)) : list.parties;
  by("parties").replaceChildren(...shown.map(line));
  by("reported").hidden = list.reported.length === 0;
  by("reports").replaceChildren(...list.reported.map(report));
}

function line(party) {
  const left = missing(party);
  const owes = party.refusal && left > 0;
  const how = left === 0 ? "in" : owes ? (party.owingCents ? `owes ${money(party.owingCents)}` : WHY[party.refusal]) : left < party.guestsCount ? `${left} of ${party.guestsCount} missing` : "☐".repeat(Math.min(left, 8)) + (left > 8 ? "…" : "");
  const notes = [party.companions.length ? `with ${party.companions.join(", ")}` : "", party.specialRequests || "", party.isWalkUp ? "walk-up" : ""];
  const note = notes.filter(Boolean).join(" · ");
  return make(
    "li",
    { class: left === 0 ? "done" : owes ? "owes" : "" },
    make(
      "button",
      { type: "button", onclick: () => show(party, { rsvpId: party.rsvpId }) },
      make("span", {}, make("span", { class: "name" }, party.name), note ? make("span", { class: "note" }, note) : null),
      make("span", { class: "how" }, how),
    ),
  );
}

function report(each) {
  const who = each.name || "Somebody";
  const where = each.device ? ` at “${each.device}”` : "";
  const what = each.outcome === "duplicate" ? "scanned again: they were in before" : WHY[each.reason] || each.reason;
  return make("li", {}, `${clock(each.scannedAt)}${where}: ${who}, ${what}`);
}

function card(kind, heading, ...rest) {
  asked = null;
  const place = by("card");
  place.className = kind;
  place.hidden = false;
  place.replaceChildren(make("h2", {}, heading), ...rest.filter((each) => each !== null));
  place.scrollIntoView({ block: "nearest" });
}

let asked = null; // the party that the card asks to pay: {rsvpId, shown, hadCode}
const text = (said) => (said ? make("p", {}, said) : null);
const shut = () => (by("card").hidden = true);

// A party is at the door: one guest comes in at once by a ticket; of a larger party one says how many have come.
function show(party, shown) {
  const left = missing(party);
  const notes = [
    text(party.companions.length ? `with ${party.companions.join(", ")}` : ""),
    text(party.specialRequests || ""),
  ];
  if (left === 0) {
    const since = party.checkedInAt || waiting(party)[0]?.at;
    return card("wait", `${party.name}: all are in already`, text(since ? `since ${clock(since)}` : ""), ...notes);
  }
  if (party.refusal) {
    if (!party.owingCents) return card("no", `${party.name} ${WHY[party.refusal]}`, text("Their seats are not certain."));
    card("no", `${party.name} owes ${money(party.owingCents)}`, text(`for ${people(party.guestsCount)}`), payCode(party.rsvpId));
    asked = { rsvpId: party.rsvpId, shown, hadCode: online };
    return;
  }
  const welcome = (guests) => {
    letIn(party, guests, shown);
    card("in", `Welcome, ${party.name}`, text(people(guests)), ...notes);
    by("shown").value = "";
    draw();
    by("shown").focus();
  };
  if (left === 1 && !shown.rsvpId) return welcome(1);
  const counts = Array.from({ length: left - 1 }, (_, index) => index + 1);
  card(
    "",
    party.name,
    text(left < party.guestsCount ? `${left} of ${party.guestsCount} are missing` : people(left)),
    ...notes,
    make(
      "div",
      { class: "row" },
      make("button", { type: "button", id: "all", onclick: () => welcome(left) }, left === 1 ? "Let in" : `All ${left}`),
      ...counts.map((n) => make("button", { type: "button", class: "plain", onclick: () => welcome(n) }, `${n}`)),
      make("button", { type: "button", class: "plain", onclick: shut }, "Not yet"),
    ),
  );
  by("all").focus();
}

// Paid meanwhile: the card says so by itself. A network again: now there is a code to pay by.
function askAgain() {
  const party = asked && list.parties.find((each) => each.rsvpId === asked.rsvpId);
  if (party && (!party.refusal || !asked.hadCode)) show(party, asked.shown);
}

function payCode(rsvpId) {
  if (!online) return text("They can pay by a code once there is a network.");
  const image = make("img", { src: `${base}/pay-link/${rsvpId}/qr`, alt: "A code that leads to the page to pay on" });
  image.addEventListener("error", () => image.replaceWith(text("There is nothing to pay (any more). Look again in a moment.")));
  return make("div", {}, text("They pay by this code; it shows here when it is done."), image);
}

async function look(said) {
  if (!list || !said.trim()) return;
  const { ticket, parties, shown } = await find(said);
  if (ticket) by("shown").value = "";
  if (parties.length === 1) show(parties[0], ticket ? shown : { rsvpId: parties[0].rsvpId });
  else if (parties.length) card("", `${parties.length} parties have that name`, text("Choose one below."));
  else if (ticket) refused(shown);
  else card("no", "Nobody by that name or code", text("Look at the list below, or let them in without a ticket."));
  draw();
}

// A ticket that the list does not know: written down, so that the host learns of it.
function refused(shown) {
  scans.push({ id: crypto.randomUUID(), at: new Date(now()).toISOString(), guests: 1, for: null, ...shown });
  kept.write("scans", scans);
  card("no", "No ticket for this evening", text("It may be an older one, or for another show. Look them up by name."));
  sync();
}

by("scan").addEventListener("submit", (event) => {
  event.preventDefault();
  look(by("shown").value);
});
by("shown").addEventListener("input", draw);

by("letin").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = new FormData(event.target);
  try {
    const body = { name: form.get("name"), guestsCount: Number(form.get("guests")) };
    const { rsvp, payLink } = await ask("/walk-ups", body);
    event.target.reset();
    by("walkup").open = false;
    await sync();
    const party = list.parties.find((each) => each.rsvpId === rsvp.id);
    if (payLink && !payLink.namedByPayer) {
      card("wait", `${body.name} pays ${money(payLink.amountCents)}`, payCode(rsvp.id));
      asked = { rsvpId: rsvp.id, shown: { rsvpId: rsvp.id }, hadCode: true };
    } else show(party, { rsvpId: rsvp.id });
  } catch (problem) {
    card("no", problem.code ? problem.message : "There is no network", text("Nobody was let in."));
  }
});

// --- the camera, where the browser can read codes by itself -------------------------------------------------------

if ("BarcodeDetector" in window && navigator.mediaDevices) {
  by("camera").hidden = false;
  by("camera").addEventListener("click", () => (by("view").hidden ? openCamera() : closeCamera()));
}

async function openCamera() {
  const view = by("view");
  try {
    view.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    return card("no", "The camera can’t be used", text("Allow it in the browser, or type the code."));
  }
  view.hidden = false;
  await view.play();
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  let last = "";
  while (!view.hidden) {
    const [code] = await detector.detect(view).catch(() => []);
    if (code && code.rawValue !== last) {
      last = code.rawValue;
      navigator.vibrate?.(80);
      await look(last);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

function closeCamera() {
  const view = by("view");
  view.hidden = true;
  for (const track of view.srcObject?.getTracks() ?? []) track.stop();
}

// The page itself stays on the device, too: it was asked for before there was anybody to keep it.
async function keepPage() {
  if (!navigator.serviceWorker) return;
  await navigator.serviceWorker.register("/door/sw.js", { scope: "/door/" });
  await navigator.serviceWorker.ready;
  for (const name of await caches.keys()) {
    if (!name.startsWith("tourpad-door-")) continue;
    // Without a network it is there already, or can't be had now.
    await caches.open(name).then((cache) => cache.add(location.href)).catch(() => {});
  }
}

// --- begin --------------------------------------------------------------------------------------------------------

by("device").value = kept.read("device", "");
by("device").placeholder = "telephone at the door";
by("device").addEventListener("change", () => kept.write("device", by("device").value));
if (list && now() > Date.parse(list.closesAt)) close();
else {
  draw();
  sync();
  setInterval(() => document.visibilityState === "visible" && sync(), REFRESH);
  window.addEventListener("online", sync);
  window.addEventListener("offline", () => {
    online = false;
    draw();
  });
  document.addEventListener("visibilitychange", sync);
  keepPage();
}
