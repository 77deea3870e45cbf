"""What a person would do, once it is clear that the account should have the right."""
import json

with open("service/roles.json", encoding="utf-8") as file:
    roles = json.load(file)
roles["reporter"].append("exports.read")
with open("service/roles.json", "w", encoding="utf-8") as file:
    json.dump(roles, file)
