package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

type line struct {
	Name   string `json:"name"`
	Bytes  int    `json:"bytes"`
	Sha256 string `json:"sha256"`
}

func main() {
	var parameters struct{ Texts []string }
	if err := json.NewDecoder(os.Stdin).Decode(&parameters); err != nil {
		fmt.Fprintln(os.Stderr, "parameters:", err)
		os.Exit(1)
	}
	out := json.NewEncoder(os.Stdout)
	all, bytes := sha256.New(), 0
	for i, text := range parameters.Texts {
		sum := sha256.Sum256([]byte(text))
		all.Write([]byte(text))
		bytes += len(text)
		out.Encode(line{fmt.Sprint(i), len(text), hex.EncodeToString(sum[:])})
	}
	out.Encode(line{"all", bytes, hex.EncodeToString(all.Sum(nil))})
}
