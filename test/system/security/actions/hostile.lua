for _, name in ipairs({ "ATTUNE__DATABASE__URL", "ATTUNE_API_TOKEN", "ATTUNE__SECURITY__ENCRYPTION_KEY", "AWS_SECRET_ACCESS_KEY" }) do
  print(os.getenv(name))
end
for path in io.lines("/mnt/paths") do
  local file = io.open(path, "rb")
  if file then print((file:read("a"))) end
end
print("tried")
