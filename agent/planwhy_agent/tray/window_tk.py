"""A window of Python's own toolkit: `python -m planwhy_agent.tray.window_tk TITLE FILE NO YES`.

In: a title, a file with a text, words for two buttons (YES may be empty). Out: exit code 0 for yes, 1 for no, 2 where
there is no toolkit or no display. Never: yes by a closed window.
"""

import sys
from functools import partial
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Show the window and give the answer."""
    title, path, no, yes = arguments
    try:
        import tkinter  # noqa: PLC0415  not every Python has it
        from tkinter import scrolledtext  # noqa: PLC0415
    except ImportError:
        return 2
    try:
        root = tkinter.Tk()
    except tkinter.TclError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    answer: list[int] = [1]

    def end(code: int, _event: object = None) -> None:
        answer[0] = code
        root.destroy()

    root.title(title)
    text = scrolledtext.ScrolledText(root, wrap="word", width=118, height=32, padx=12, pady=10, takefocus=0)
    text.insert("1.0", Path(path).read_text(encoding="utf-8"))
    text.configure(state="disabled")
    buttons = tkinter.Frame(root, padx=10, pady=10)
    buttons.pack(side="bottom", fill="x")
    text.pack(side="top", fill="both", expand=True)
    for code, words in ((1, no), (0, yes)):
        if words:
            button = tkinter.Button(buttons, text=words, command=partial(end, code))
            button.bind("<Return>", partial(end, code))
            button.pack(side="right", padx=4)
            if code:
                button.focus_set()
    root.bind("<Escape>", partial(end, 1))
    root.mainloop()
    return answer[0]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
