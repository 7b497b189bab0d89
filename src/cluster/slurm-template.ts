/**
 * The job script that `submit` fills in unless a template is given. The variables are RELION's where RELION has them; a directive whose
 * variable is empty is left out.
 *
 * Slurm sends USR1 to this shell XXXgraceXXX seconds before the limit. The shell hands it on (a launcher passes it to its ranks), the run
 * saves its checkpoint and stops, and the job is put back in the queue; the words in "$@" then continue the run.
 */
export const SLURM_TEMPLATE = `#!/bin/bash
#SBATCH --job-name=XXXnameXXX
#SBATCH --partition=XXXqueueXXX
#SBATCH --nodes=XXXnodesXXX
#SBATCH --ntasks=XXXmpinodesXXX
#SBATCH --cpus-per-task=XXXthreadsXXX
#SBATCH --time=XXXtimeXXX
#SBATCH --output=XXXoutfileXXX
#SBATCH --error=XXXerrfileXXX
#SBATCH --open-mode=append
#SBATCH --requeue
#SBATCH --signal=B:USR1@XXXgraceXXX

signals=0
requeue=no
hand_on() { signals=$((signals + 1)); kill -s "$1" "$child" 2>/dev/null; }
trap 'requeue=yes; hand_on USR1' USR1
trap 'hand_on TERM' TERM

XXXlaunchXXX XXXcommandXXX &
child=$!
seen=0
wait "$child"
status=$?
# A signal ends wait before the child has ended.
while [ "$signals" -gt "$seen" ]; do
  seen=$signals
  before=$status
  wait "$child"
  status=$?
  if [ "$status" -eq 127 ]; then status=$before; fi
done
if [ "$requeue" = yes ] && [ "$status" -ne 0 ]; then
  scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
`;
