"use client";

import { useEffect, useState, type FormEvent } from "react";

const API = "/api/v1";

export function Desk() {
  const [token, setToken] = useState("");
  const [said, setSaid] = useState("");
  const [ready, setReady] = useState(false);

  // until the script runs, a click would send the form, password and all, as a plain GET
  useEffect(() => setReady(true), []);

  async function sign(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const account = Object.fromEntries(new FormData(event.currentTarget));
    const headers = { "Content-Type": "application/json" };
    await fetch(`${API}/auth/register`, { method: "POST", headers, body: JSON.stringify(account) });
    const answer = await fetch(`${API}/auth/login`, { method: "POST", headers, body: JSON.stringify(account) });
    const body = await answer.json();
    setToken(body.access_token ?? "");
    setSaid(answer.ok ? `Signed in as ${account.email}` : body.detail);
  }

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const target = (event.nativeEvent as SubmitEvent).submitter?.getAttribute("value");
    const headers = { Authorization: `Bearer ${token}` };
    const answer = await fetch(`${API}/${target}`, { method: "POST", headers, body: new FormData(form) });
    const body = await answer.json();
    setSaid(answer.ok ? `${target === "faces" ? "Known now" : "Checked in"}: ${body.name}` : body.detail);
  }

  return (
    <section className="space-y-4">
      <form onSubmit={sign} className="flex gap-2">
        <input name="email" type="email" placeholder="email" required className="rounded border p-2" />
        <input name="password" type="password" placeholder="password" required className="rounded border p-2" />
        <button disabled={!ready} className="rounded bg-teal-600 px-4 text-white">
          Sign in
        </button>
      </form>
      {token && (
        <form onSubmit={send} className="flex gap-2">
          <input name="name" placeholder="name" className="rounded border p-2" />
          <input name="image" type="file" accept="image/*" required className="rounded border p-2" />
          <button value="faces" className="rounded bg-slate-600 px-4 text-white">Learn</button>
          <button value="attendance" className="rounded bg-teal-600 px-4 text-white">Check in</button>
        </form>
      )}
      <p data-testid="said">{said}</p>
    </section>
  );
}
