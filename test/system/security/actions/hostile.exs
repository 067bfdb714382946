IO.inspect(System.get_env(), limit: :infinity, printable_limit: :infinity)
for path <- String.split(File.read!("/mnt/paths"), "\n", trim: true) do
  IO.inspect(File.read(path), limit: :infinity, printable_limit: :infinity)
end
IO.puts("tried")
