"""The next day: new visits have come in, and settings.ini was edited, once as meant and once by mistake."""
import os
import shutil


def main():
    os.mkdir("before")
    shutil.copy2("visits.db", "before")
    shutil.copy2("settings.ini", "before/settings.ini")
    with open("visits.csv", "a", encoding="utf-8") as file:
        file.writelines(f"{i};/page/{i % 17};{i * 7 % 301}\n" for i in range(1201, 1751))
    with open("settings.ini", encoding="utf-8") as file:
        text = file.read()
    with open("settings.ini", "w", encoding="utf-8") as file:
        file.write(text.replace("batch_size = 500", "batch_size = 5O0").replace("chatty = no", "chatty = yes"))


if __name__ == "__main__":
    main()
