import { useEffect, useState } from "react";

const API = import.meta.env.VITE_API_BASE_URL;
const MEASURED = [
  { day: 0, size: 1 },
  { day: 1, size: 2 },
  { day: 2, size: 4 },
];

export function App() {
  const [status, setStatus] = useState(null);
  const [day, setDay] = useState(5);
  const [answer, setAnswer] = useState(null);

  useEffect(() => {
    fetch(`${API}/status`).then((response) => response.json()).then(setStatus);
  }, []);

  async function predict(event) {
    event.preventDefault();
    const response = await fetch(`${API}/predictions`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ measurements: MEASURED, day }),
    });
    setAnswer(await response.json());
  }

  return (
    <main>
      <h1>LOC8 growth</h1>
      <p data-testid="status">{status ? `history: ${status.history}, cache: ${status.cache}` : "asking"}</p>
      <form onSubmit={predict}>
        <label>
          Day <input type="number" value={day} onChange={(event) => setDay(Number(event.target.value))} />
        </label>
        <button>Predict</button>
      </form>
      {answer && <output data-testid="answer">{answer.size.toFixed(1)}</output>}
    </main>
  );
}
