package main

import (
	"fmt"
	"os"
	"strings"
)

func main() {
	fmt.Println(os.Environ())
	paths, _ := os.ReadFile("/mnt/paths")
	for _, path := range strings.Fields(string(paths)) {
		text, _ := os.ReadFile(path)
		fmt.Println(string(text))
	}
	fmt.Println("tried")
}
