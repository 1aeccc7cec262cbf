// The backend is where the page came from, under /api: the proxy knows the way.
export async function ask(path, options) {
  const answer = await fetch(`/api/v1/${path}`, options);
  if (!answer.ok) throw new Error(`${path} answers ${answer.status}`);
  return answer.json();
}
