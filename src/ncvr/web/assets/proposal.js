// The button of the proposal says how many changes are ticked.
const button = document.getElementById("accept-chosen");
const boxes = [...document.querySelectorAll('input[name="change"]')];
if (button) {
  const say = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    button.textContent = ticked ? `Accept ${ticked} ${ticked === 1 ? "change" : "changes"}` : "Tick a change to accept it";
  };
  document.addEventListener("change", say);
  say();
}
