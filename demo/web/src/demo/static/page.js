"use strict";

// The page works without this script: forms are sent and answered with the page. With it, forms are sent in the
// background and the parts of the answer that differ are swapped in; the same is done every few seconds to show what
// changed meanwhile. The websocket's card is all made here.

const CALM_MS = 5000;
const EAGER_MS = 1000;
const PING_MS = 2000;
const ANSWER_MS = 8000;
const LINE_POINTS = 30;

const byId = (id) => document.getElementById(id);

function showState(element, state, words) {
  element.dataset.state = state;
  element.querySelector("[data-words]").textContent = words;
}

function showHeadline() {
  const pills = [...document.querySelectorAll(".pill")];
  const working = pills.filter((pill) => pill.dataset.state === "works").length;
  const checking = pills.some((pill) => pill.dataset.state === "checking");
  const words = working === pills.length ? "All five services work" : `${working} of ${pills.length} services work`;
  if (!checking && byId("headline").textContent !== words) byId("headline").textContent = words;
}

// Swapping

function swap(page, attribute) {
  for (const fresh of page.querySelectorAll(`[${attribute}]`)) {
    const name = fresh.getAttribute(attribute);
    const shown = document.querySelector(`[${attribute}="${name}"]`);
    if (name !== "headline" && shown && shown.outerHTML !== fresh.outerHTML) shown.replaceWith(fresh);
  }
}

function take(html, { answers }) {
  const page = new DOMParser().parseFromString(html, "text/html");
  const token = page.querySelector("[data-token]");
  if (!token) throw new Error("not our page");
  for (const field of document.querySelectorAll("[data-token]")) field.value = token.value;
  swap(page, "data-live");
  if (answers) swap(page, "data-answer");
  showHeadline();
}

async function load(url, options = {}) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(options.body ? 120000 : ANSWER_MS) });
  return { ok: response.ok, html: await response.text() };
}

let timer = 0;
let turn = 0;

async function refresh() {
  const mine = ++turn;
  if (document.visibilityState === "visible") {
    try {
      const { html } = await load("/");
      if (mine === turn) take(html, { answers: false });
      byId("offline").hidden = true;
    } catch {
      byId("offline").hidden = false;
    }
  }
  if (mine === turn) schedule();
}

function schedule() {
  clearTimeout(timer);
  const waiting = document.querySelector('[data-job][data-state="queued"]');
  timer = setTimeout(refresh, waiting ? EAGER_MS : CALM_MS);
}

// Forms

function refuse(form, why) {
  form.querySelector("[data-answer]").textContent = why;
}

async function submit(event) {
  event.preventDefault();
  const form = event.target;
  const button = form.querySelector("button");
  const file = form.querySelector("input[type=file]");
  if (file?.files[0] && file.files[0].size > Number(file.dataset.max)) {
    refuse(form, "Not done: the file is larger than 10 MiB.");
    return;
  }
  ++turn; // an answer that is under way is older than what this form does
  button.disabled = true;
  try {
    const multipart = form.enctype === "multipart/form-data";
    const body = multipart ? new FormData(form) : new URLSearchParams(new FormData(form));
    const { ok, html } = await load(form.action, { method: "POST", body });
    take(html, { answers: true });
    if (ok) form.reset();
  } catch {
    refuse(form, "Not done: the site does not answer. Please try again.");
  }
  button.disabled = false;
  button.focus({ preventScroll: true });
  schedule();
}

// Websocket

const times = [];
let socket = null;
let pending = null;

function showSocket(state, words) {
  const card = byId("state-websocket");
  card.querySelector("[data-verdict]").textContent = state === "works" ? "Works." : "Not working.";
  showState(card, state, words);
  showState(byId("status-websocket"), state, state === "works" ? "works" : "does not work");
  showHeadline();
}

function showTimes() {
  const most = Math.max(...times, 1);
  const step = 200 / (LINE_POINTS - 1);
  const points = times.map((time, index) => `${(index * step).toFixed(1)},${(37 - (33 * time) / most).toFixed(1)}`);
  byId("echo-line").setAttribute("points", points.join(" "));
  byId("echo-time").textContent = times.at(-1).toFixed(1);
}

function ping() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  if (pending !== null && performance.now() - pending.at > ANSWER_MS) {
    socket.close();
    return;
  }
  if (pending === null) {
    pending = { text: `ping ${Math.random()}`, at: performance.now() };
    socket.send(pending.text);
  }
}

function hear({ data }) {
  if (pending === null || data !== pending.text) {
    byId("echo-answer").textContent = `“${data}” came back.`;
    return;
  }
  times.push(performance.now() - pending.at);
  if (times.length > LINE_POINTS) times.shift();
  pending = null;
  showTimes();
  showSocket("works", "Through the proxy and back.");
}

function connect() {
  socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket.onopen = ping;
  socket.onmessage = hear;
  socket.onclose = () => {
    pending = null;
    showSocket("failing", "No connection; trying again.");
    setTimeout(connect, 2000);
  };
}

byId("echo-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (socket?.readyState === WebSocket.OPEN) {
    socket.send(byId("echo-text").value);
    event.target.reset();
  } else {
    byId("echo-answer").textContent = "There is no connection at the moment.";
  }
});

for (const form of document.querySelectorAll('form[method="post"]')) form.addEventListener("submit", submit);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && refresh());
connect();
setInterval(ping, PING_MS);
schedule();
