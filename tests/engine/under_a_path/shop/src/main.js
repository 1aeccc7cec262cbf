import "./style.css";
import { greeting } from "./words.js";

const show = (text) => (document.querySelector("h1").textContent = text);

show(greeting);
import.meta.hot?.accept("./words.js", (words) => show(words.greeting));
