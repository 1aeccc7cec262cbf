import { useEffect, useState } from "react";

import { ask } from "./api.js";

export default function Team() {
  const [members, setMembers] = useState([]);
  useEffect(() => {
    ask("users/").then((page) => setMembers(page.results));
  }, []);
  return (
    <>
      <h1>Team</h1>
      <ul>
        {members.map((member) => (
          <li key={member.id}>
            {member.picture && <img src={member.picture} alt="" />} {member.name}
          </li>
        ))}
      </ul>
    </>
  );
}
