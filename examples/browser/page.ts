/** The page: a line goes in, what became of it comes out. */
import { Cluster, type Outcome } from "./cluster.ts";

const cluster = new Cluster();
const form = document.querySelector("form") as HTMLFormElement;
const input = document.querySelector("input") as HTMLInputElement;
const log = document.querySelector("#log") as HTMLElement;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const line = input.value.trim();
  if (line === "") return;
  log.prepend(entry(line, cluster.send(line)));
  input.select();
});

for (const button of document.querySelectorAll("button[data-line]")) {
  button.addEventListener("click", () => {
    input.value = button.getAttribute("data-line") ?? "";
    form.requestSubmit();
  });
}

function entry(line: string, { plans, packets, replies, answer }: Outcome): HTMLElement {
  const article = element("article");
  article.append(element("h2", line));
  for (const { words, because } of plans) {
    article.append(element("p", words, "plan"));
    if (because.length > 0) {
      const list = element("ul");
      list.append(...because.map((each) => element("li", each)));
      article.append(list);
    }
  }
  const rows = element("table");
  for (const [name, bytes] of packets) {
    const row = element("tr");
    row.append(element("th", name));
    row.append(element("td", visible(bytes), "packets"));
    row.append(element("td", visible(replies.get(name) ?? ""), "reply"));
    rows.append(row);
  }
  if (packets.size > 0) article.append(rows);
  article.append(element("pre", visible(answer), "answer"));
  return article;
}

function element(tag: string, text = "", name = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name !== "") made.className = name;
  return made;
}

/** Line ends as they are written in a program, and as line ends. */
function visible(bytes: string): string {
  return bytes.replace(/\r\n/g, "\\r\\n\n").trimEnd();
}
