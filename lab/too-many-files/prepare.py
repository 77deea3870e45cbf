"""Makes 80 sorted parts, and the merged file of the day before."""
import os
import shutil

PARTS = 80
LINES = 50


def main():
    os.mkdir("parts")
    for part in range(PARTS):
        with open(f"parts/part-{part:04}.csv", "w", encoding="utf-8") as file:
            lines = [f"2024-06-04T{(part * 13 + i * 29) % 24:02}:{(part + i * 7) % 60:02},sensor-{part:03},{i}\n" for i in range(LINES)]
            file.writelines(sorted(lines))
    with open("merged.csv", "w", encoding="utf-8") as file:
        file.write("2024-06-03T00:00,sensor-000,0\n")
    shutil.copytree("parts", "before/parts")


if __name__ == "__main__":
    main()
