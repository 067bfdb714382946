// River: DATABASE CONCURRENCY SHELL SCRIPT. Each line on stdin is a number of jobs, which are inserted at once.
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

type args struct{}

func (args) Kind() string { return "run" }

type worker struct {
	river.WorkerDefaults[args]
}

func (worker) Work(ctx context.Context, _ *river.Job[args]) error {
	_, err := exec.CommandContext(ctx, os.Args[3], os.Args[4]).Output()
	return err
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	ctx := context.Background()
	pool := must(pgxpool.New(ctx, os.Args[1]))
	driver := riverpgxv5.New(pool)
	must(must(rivermigrate.New(driver, nil)).Migrate(ctx, rivermigrate.DirectionUp, nil))
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{})
	client := must(river.NewClient(driver, &river.Config{
		Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: must(strconv.Atoi(os.Args[2]))}},
		Workers: workers,
		// For throughput: the defaults fetch ten times a second at most.
		FetchCooldown:     2 * time.Millisecond,
		FetchPollInterval: 20 * time.Millisecond,
	}))
	if err := client.Start(ctx); err != nil {
		panic(err)
	}
	fmt.Println("ready")
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		jobs := make([]river.InsertManyParams, must(strconv.Atoi(lines.Text())))
		for i := range jobs {
			jobs[i].Args = args{}
		}
		must(client.InsertMany(ctx, jobs))
	}
}
