"""What a person would do: correct the slip."""
with open("settings.ini", encoding="utf-8") as file:
    text = file.read()
with open("settings.ini", "w", encoding="utf-8") as file:
    file.write(text.replace("batch_size = 5O0", "batch_size = 500"))
