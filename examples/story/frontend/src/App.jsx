import { useEffect, useState } from "react";
import { Link, Route, Routes } from "react-router";

import { ask } from "./api.js";
import Onboarding from "./Onboarding.jsx";
import Team from "./Team.jsx";

export default function App() {
  const [config, setConfig] = useState();
  const [problem, setProblem] = useState("");
  useEffect(() => {
    ask("config/frontend/").then(setConfig, (error) => setProblem(error.message));
  }, []);
  if (problem) return <p role="alert">{problem}</p>;
  if (!config) return <p>Loading</p>;
  return (
    <>
      <header>
        <Link to="/">Story</Link> <Link to="/team">Team</Link>
      </header>
      <main>
        <Routes>
          <Route path="/" element={<Onboarding config={config} />} />
          <Route path="/team" element={<Team />} />
          <Route path="*" element={<h1>No such page</h1>} />
        </Routes>
      </main>
      <footer>Visit {config.visits}</footer>
    </>
  );
}
