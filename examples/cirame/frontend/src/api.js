/** Ask the backend; an answer that is no success becomes an error with its text. */
export async function ask(path, options = {}) {
  const answer = await fetch(`/api/${path}`, options);
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error ?? answer.statusText);
  return body;
}
