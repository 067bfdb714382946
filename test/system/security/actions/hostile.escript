#!/usr/bin/env escript
main(_) ->
    io:format("~p~n", [os:getenv()]),
    {ok, Paths} = file:read_file("/mnt/paths"),
    lists:foreach(fun(Path) -> io:format("~p~n", [file:read_file(Path)]) end, string:lexemes(binary_to_list(Paths), "\n")),
    io:format("tried~n").
