import { useState } from "react";
import { useNavigate } from "react-router";

import { ask } from "./api.js";

export default function Onboarding({ config }) {
  const [problem, setProblem] = useState("");
  const navigate = useNavigate();

  async function join(event) {
    event.preventDefault();
    const body = new FormData(event.target);
    if (!body.get("picture").size) body.delete("picture");
    try {
      await ask("users/", { method: "POST", body });
      navigate("/team");
    } catch (error) {
      setProblem(error.message);
    }
  }

  return (
    <form onSubmit={join}>
      <h1>{config.title}</h1>
      <p>Tell us who you are.</p>
      <label>
        Name <input name="name" required maxLength={80} />
      </label>
      <label>
        Picture <input name="picture" type="file" accept="image/*" />
      </label>
      <button>Join</button>
      {problem && <p role="alert">{problem}</p>}
    </form>
  );
}
