import { Desk } from "./desk";

export const dynamic = "force-dynamic";

async function count(): Promise<number> {
  const answer = await fetch(`${process.env.BACKEND_URL}/api/v1/attendance/count`, { cache: "no-store" });
  return (await answer.json()).count;
}

export default async function Page() {
  return (
    <main className="space-y-6">
      <h1 className="flex items-center gap-2 text-3xl font-bold">
        <img src="/logo.svg" alt="" className="h-8" /> Check-in
      </h1>
      <p data-testid="count">Checked in so far: {await count()}</p>
      <Desk />
    </main>
  );
}
